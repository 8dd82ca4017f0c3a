## Reads a line and no more: Octave's own looks at what comes behind it, and so waits for a person's next line.
function [line, count] = fgets (fid, varargin)
  if (! isequal (fid, stdin) || nargin > 1)
    [line, count] = builtin ("fgets", fid, varargin{:});
    return
  endif
  line = "";
  do
    c = fread (stdin, 1, "uint8=>char");
    line = [line c];
  until (isempty (c) || c == "\n")
  count = numel (line);
  if (count == 0)
    line = -1;
  endif
endfunction
