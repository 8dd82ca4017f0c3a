(display "before\n")

(define (broken pair)
  (car pair))

(broken 5)
