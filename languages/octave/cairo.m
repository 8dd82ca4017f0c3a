  ## From polykernel: Octave has gnuplot make PostScript, and Ghostscript a picture of that; gnuplot
  ## can itself, and knows UTF-8.
  if (strcmp (opts.devopt, "png16m"))
    scale = opts.ghostscript.resolution / 72;
    gp_opts = sprintf ("%s fontscale %g linewidth %g pointscale %g size %d,%d", gp_opts, ...
                       scale, scale, scale, round (scale * opts.canvas_size));
    opts.devopt = "pngcairo";
  elseif (strcmp (opts.devopt, "pdfwrite"))
    gp_opts = sprintf ("%s size %gin,%gin", gp_opts, opts.canvas_size / 72);
    opts.devopt = "pdfcairo";
  endif
