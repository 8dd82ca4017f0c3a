(define loaded "loaded")
