# Read at the start of each program: language.py.
sys.source(file.path(R.home("etc"), "Rprofile.site"), baseenv())
if (nzchar(Sys.getenv("POLYKERNEL_MEDIA"))) local({
    devices <- 0L
    options(device = function(...) {
        devices <<- devices + 1L
        name <- sprintf("plot-%03d-%%03d.png", devices)
        grDevices::png(
            file.path(Sys.getenv("POLYKERNEL_MEDIA"), name),
            width = 7, height = 7, units = "in", res = 120, type = "cairo"
        )
    })

    # R's own answers itself where there is no terminal.
    lines <- NULL
    readline <- function(prompt = "") {
        cat(prompt)
        if (is.null(lines)) lines <<- file("stdin", "r")
        line <- readLines(lines, 1L, warn = FALSE)
        if (length(line)) line else ""
    }
    unlockBinding("readline", baseenv())
    assign("readline", readline, baseenv())
    lockBinding("readline", baseenv())
})
