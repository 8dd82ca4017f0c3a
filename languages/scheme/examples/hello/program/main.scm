(display (* 6 7))
(newline)
