"""What the admin is called, and what of other applications it must not write.

The queue's entries are pickles that a worker loads: nobody may write them by a web page.
"""

from django.apps import apps
from django.contrib import admin

admin.site.site_header = "worldsim audit"
admin.site.site_title = "worldsim audit"
admin.site.index_title = "Worlds, journals and hashes"
admin.site.disable_action("delete_selected")

for _model in apps.get_app_config("django_q").get_models():
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)
