## Leaves a picture of each open figure where the runner looks for them.
function polykernel_show_figures ()
  for figure = sort (get (0, "children"))'
    if (! isempty (get (figure, "children")))
      name = sprintf ("figure-%03d.png", figure);
      print (figure, fullfile (getenv ("POLYKERNEL_MEDIA"), name), "-dpng");
    endif
  endfor
endfunction
