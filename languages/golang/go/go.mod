module main

go 1.24
