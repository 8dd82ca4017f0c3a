<?php
echo "before", $nothing, " after\n";
