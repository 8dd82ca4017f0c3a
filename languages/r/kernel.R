# Starts Jupyter's kernel for R: language.py.
#
# What is printed goes to the process's own stdout and stderr, like what child processes and C
# libraries write: at once, in one order, with backpressure, and not lost when the process dies.
# IRkernel would keep it until an expression has ended, and then publish it by a socket that drops.
# What is displayed is published; so that it keeps its place, the runner is asked to say when it
# has been shown.

# A prompt that no program writes: the runner answers it when all before it has been passed on.
SHOWN <- "\1shown"
END_OF_INPUT <- "\4"
# Values of which a text says too little; others are printed, as by R itself.
RICH <- c("htmlwidget", "shiny.tag", "shiny.tag.list")
SIGNALS <- c("stop", ".handleSimpleError", "signalCondition", "signal_abort")

kernel <- Kernel$new(connection_file = commandArgs(TRUE)[[1L]])
executor <- kernel$executor
input <- new.env()

replace_method <- function(object, name, method) assign(name, method, as.environment(object))

# While a query waits for an answer, the runner asks whether all before it has arrived.
answer_control <- function() {
    message <- kernel$wire_to_msg(zmq.recv.multipart(kernel$sockets$control, unserialize = FALSE))
    if (message$header$msg_type == "shutdown_request") kernel$shutdown(message)
    for (state in c("busy", "idle")) {
        kernel$send_response("status", message, "iopub", list(execution_state = state))
    }
    kernel$send_response("kernel_info_reply", message, "control", namedlist())
}

# What was typed for a prompt that an interrupt has ended is not for the next one.
drop_answers <- function() repeat {
    zmq.poll(unlist(kernel$sockets["stdin"]), ZMQ.PO()$POLLIN, timeout = 0L)
    if (!bitwAnd(zmq.poll.get.revents(1L), ZMQ.PO()$POLLIN)) return(invisible())
    zmq.recv.multipart(kernel$sockets$stdin, unserialize = FALSE)
}

ask <- function(prompt, password = FALSE) {
    drop_answers()
    content <- list(prompt = prompt, password = password)
    request <- executor$current_request
    suspendInterrupts(kernel$send_response("input_request", request, "stdin", content))
    sockets <- kernel$sockets[c("stdin", "control")]
    repeat {
        zmq.poll(unlist(sockets), rep(ZMQ.PO()$POLLIN, 2L), MC = ZMQ.MC(check.eintr = TRUE))
        if (bitwAnd(zmq.poll.get.revents(2L), ZMQ.PO()$POLLIN)) answer_control()
        if (bitwAnd(zmq.poll.get.revents(1L), ZMQ.PO()$POLLIN)) break
    }
    kernel$wire_to_msg(zmq.recv.multipart(sockets$stdin, unserialize = FALSE))$content$value
}

# NULL at the end of the input, which stays at its end until the query has ended.
ask_for_line <- function(prompt = "", password = FALSE) {
    query <- executor$current_request$header$msg_id
    if (identical(input$ended_in, query)) return(NULL)
    line <- ask(prompt, password)
    if (line != END_OF_INPUT) return(line)
    input$ended_in <- query
    NULL
}

ask_for_text <- function(...) {
    line <- ask_for_line(...)
    if (is.null(line)) "" else line
}

# The user's calls: without those of the kernel, and those that only tell of an error.
users_calls <- function() {
    calls <- sys.calls()
    evaluated <- vapply(calls, identical, NA, quote(eval(expr, envir)))
    calls <- if (any(evaluated)) calls[-seq_len(max(which(evaluated)))] else list()
    signals <- vapply(calls, function(call) deparse1(call[[1L]]) %in% SIGNALS, NA)
    head(calls, min(length(calls), which(signals) - 1L))
}

executor$send_response <- function(msg_type, parent_msg, socket_name, content) {
    if (msg_type == "stream") {
        cat(content$text, file = if (content$name == "stdout") stdout() else stderr())
    } else suspendInterrupts({
        kernel$send_response(msg_type, parent_msg, socket_name, content)
        if (msg_type == "display_data") ask(SHOWN)
    })
}
replace_method(executor, "readline", function(prompt = "") ask_for_text(prompt))
replace_method(executor, "get_pass", function(prompt = "") ask_for_text(prompt, password = TRUE))
replace_method(executor, "quit", function(save = "no", status = 0, runLast = TRUE) {
    backup_env$base_quit("no", status, runLast)
})
replace_method(executor, "page", function(bundle) cat(bundle$data[["text/plain"]], "\n", sep = ""))
replace_method(executor, "handle_message", function(o) cat(conditionMessage(o), file = stderr()))
replace_method(executor, "handle_error", function(e) {
    text <- sub("\n$", "", resilient_to_str(e))
    calls <- users_calls()
    stack <- if (length(calls) > 1L) c("Traceback:", format_stack(calls))
    executor$err <- list(ename = "ERROR", evalue = text, traceback = as.list(c(text, stack)))
    executor$send_response("error", executor$current_request, "iopub", executor$err)
})
handle_rich_value <- executor$handle_value
replace_method(executor, "handle_value", function(value, visible) {
    if (inherits(value, RICH)) return(handle_rich_value(value, visible))
    set_last_value(value)
    if (visible) print(value)
})

# `readLines` from the standard input, as in a program.
users_readLines <- function(con = stdin(), n = -1L, ...) {
    is_input <- identical(con, "stdin") ||
        inherits(con, "connection") && summary(con)$description == "stdin"
    if (!is_input) return(base::readLines(con, n, ...))
    lines <- character()
    while (length(lines) != n && !is.null(line <- ask_for_line())) lines <- c(lines, line)
    lines
}
attach(list(readLines = users_readLines), name = "polykernel", warn.conflicts = FALSE)

evaluate <- asNamespace("evaluate")
replace_in_env("local_persistent_sink_connection", function(...) function() NULL, evaluate)
# What is drawn is recorded first: on a device that knows the width of all letters.
replace_in_env("pdf", function(...) png("/dev/null", type = "cairo"), parent.env(evaluate))
tools::Rd2txt_options(underline_titles = FALSE)
options(crayon.enabled = FALSE, cli.num_colors = 1L)
kernel$run()
