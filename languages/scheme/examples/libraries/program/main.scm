(import (scheme base) (scheme write) (shapes area) (prefix (shapes outline) outline-of-))

(load "loaded.scm")
(include "included.scm")
(for-each (lambda (item) (display item) (display " "))
          (list (area 3 4) (outline-of-rectangle 3 4) loaded))
(display included)
(newline)
