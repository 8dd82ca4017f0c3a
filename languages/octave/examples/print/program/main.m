figure
plot ([1 4 9])
title ("waves")
print graph.png
print graph.pdf
saveas (gcf, "graph.svg")
close
printf ("%d x %d\n", size (imread ("graph.png"))(1:2));
disp (fileread ("graph.pdf")(2:4))
disp (regexp (fileread ("graph.svg"), "waves", "match", "once"))
