## Closes a figure; one that is open when the program ends leaves its picture where the runner looks.
function polykernel_close_figure ()
  figure = gcbf ();
  ## At the end Octave itself calls `close`, else the program does.
  if (numel (dbstack ()) == 2 && ! isempty (get (figure, "children")))
    name = sprintf ("figure-%03d.png", figure);
    drawnow ("pngcairo", fullfile (getenv ("POLYKERNEL_MEDIA"), name));
  endif
  delete (figure);
endfunction
