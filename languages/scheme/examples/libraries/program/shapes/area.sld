(define-library (shapes area)
  (export area)
  (import (scheme base))
  (begin
    (define (area width height)
      (* width height))))
