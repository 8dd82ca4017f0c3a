(use-modules (ice-9 rdelim) (people person))

(define (ask question)
  (display question)
  (display " ")
  (read-line))

(define times
  (if (> (length (command-line)) 1)
      (string->number (cadr (command-line)))
      1))
(define name (ask "What is your name?"))
(define person (make-person name (string->number (ask "How old are you?"))))
(do ((count 0 (1+ count))) ((= count times))
  (greet person))
(format #t "In 10 years you will be ~a.\n" (age-in person 10))
