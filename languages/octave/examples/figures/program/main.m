clear all; close all
plot (0:0.1:10, sin (0:0.1:10))
title ("größer ≥ 0")
figure
surf (peaks (20))
figure
bar ([1 2 3])
close
error ("enough")
