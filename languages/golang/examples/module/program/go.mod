module example.org/named/otherwise/v2

go 1.24
