<?php
echo "never\n";
if then
