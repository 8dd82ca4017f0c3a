<?php
$größer = mb_strtolower("GRÖSSER");
echo mb_substr($größer, 0, 3), "ßer ≥ 東京 🙂\n";
echo $argc - 1, ":";
foreach (array_slice($argv, 1) as $text) {
    echo " [$text]";
}
echo "\n";
