#!r6rs
(library (shapes outline)
  (export rectangle)
  (import (rnrs))
  (define (rectangle width height)
    (* 2 (+ width height))))
