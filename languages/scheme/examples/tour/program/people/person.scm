(define-module (people person)
  #:use-module (srfi srfi-9)
  #:export (make-person age-in greet))

(define-record-type person
  (make-person name age)
  person?
  (name person-name)
  (age person-age))

(define (age-in person years)
  (+ (person-age person) years))

(include "greeting.scm")
