import sys

from greeter import greeting

print(greeting(sys.argv[1]))
