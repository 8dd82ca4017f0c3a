;; Runs a Scheme program, FILE ARGUMENTS..., as Guile does, but compiled, so that errors tell its
;; lines, and without Guile's notes on that. A query's file lies elsewhere, yet what it loads and
;; includes lies in the work directory. Nothing here defines a name that the program could meet.

(set! %load-should-auto-compile #t)
(set! %fresh-auto-compile #t)
(set! %compile-fallback-path "/tmp/guile")
((@ (system base compile) default-optimization-level) 1)
((@ (system base compile) default-warning-level) 0)

(let ((warn-aloud warn))
  (set! warn
        (lambda words
          (parameterize ((current-warning-port (current-error-port)))
            (apply warn-aloud words))))
  (current-warning-port (%make-void-port "w")))

(when (getenv "POLYKERNEL_LIVE")
  (setvbuf (current-output-port) 'none))

(let* ((file (cadr (command-line)))
       (port (open-input-file file #:encoding "UTF-8"))
       (compile (@ (system base compile) compile))
       (load-thunk (@ (system vm loader) load-thunk-from-memory)))
  (set-program-arguments (cdr (command-line)))
  (set-port-filename! port (basename file))
  (let run-form ((form (read-syntax port)))
    (unless (eof-object? form)
      (let ((thunk (load-thunk (compile form #:to 'bytecode #:env (current-module)))))
        (start-stack 'program (thunk)))
      (run-form (read-syntax port)))))
