"""Which site the admin is; apart from that site, which can be imported only once all tables are."""

from django.contrib.admin.apps import AdminConfig


class AuditAdminConfig(AdminConfig):
    """Django's admin, as the audit."""

    default_site = "worldsim.audit_site.AuditSite"
