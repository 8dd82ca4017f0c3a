#!/bin/sh
# There are no static libraries in the image.
exec /usr/bin/ghc -dynamic "$@"
