## See fgets.m.
function [line, count] = fgetl (fid, varargin)
  [line, count] = fgets (fid, varargin{:});
  if (ischar (line) && ! isempty (line) && line(end) == "\n")
    line(end) = [];
  endif
endfunction
