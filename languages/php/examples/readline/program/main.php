<?php
$first = readline("first? ");
echo $first + readline("second? "), "\n";
