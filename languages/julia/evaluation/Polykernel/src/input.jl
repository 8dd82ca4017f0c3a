const F_DUPFD_CLOEXEC = Cint(1030)
const first_free = Cint(3)

duplicate(fd) = ccall(:fcntl, Cint, (Cint, Cint, Cint), fd, F_DUPFD_CLOEXEC, first_free)

# The runner's pipe, even if a query redirects its input.
const runners_input = Ref{Cint}(-1)
const input = Ref{IO}()

"""Make `stdin` anew: what it had buffered, and an end that it had reached, are an earlier query's."""
function renew_stdin()
    if runners_input[] < 0
        runners_input[] = duplicate(0)
        input[] = stdin
    end
    close(input[])
    input[] = Base.PipeEndpoint(RawFD(duplicate(runners_input[])))
    redirect_stdin(input[])
end
