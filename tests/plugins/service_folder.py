"""Gives a test run a folder of its own for all that the service stores, and takes it away after.

Loaded before the settings are, which read WORLDSIM_DATA once.
"""

import atexit
import os
import shutil
import tempfile

_folder = tempfile.mkdtemp(prefix="worldsim-tests-")
os.environ["WORLDSIM_DATA"] = _folder
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
