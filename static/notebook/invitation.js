/* Takes the code of an invitation from behind the "#" of the link into the form, and out of the
   address bar, where it could be seen or kept in the history. Without this the code is pasted. */
"use strict";

const field = document.getElementById("invitation-code");
const code = location.hash.slice(1);
if (field && code.startsWith("wsi_")) {
  field.value = code;
  history.replaceState(null, "", location.pathname);
  document.getElementById("open-invitation").focus();
}
