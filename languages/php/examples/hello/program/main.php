<?php

echo 6 * 7, "\n";
