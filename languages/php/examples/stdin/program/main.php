<?php
echo array_sum(preg_split("/\s+/", trim(file_get_contents("php://stdin")))), "\n";
