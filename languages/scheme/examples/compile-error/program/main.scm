
(display "never"
