(define (greet person)
  (format #t "Hello, ~a!\n" (person-name person)))
