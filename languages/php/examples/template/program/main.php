<ul>
<?php foreach (range(1, 2) as $number): ?>
    <li><?= $number ?></li>
<?php endforeach ?>
</ul>
