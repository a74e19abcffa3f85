#!/bin/sh
# Starts a command of Skein in the folder of its project; a folder that is no repository yet becomes one, since the store lives beside git's own files.
set -eu
if [ ! -e .git ] && [ -w . ]; then
  git init --quiet --initial-branch=main
fi
# No process stays in between: signals reach Skein itself.
exec node "${SKEIN_HOME:-/opt/skein}/bin/skein.js" "$@"
