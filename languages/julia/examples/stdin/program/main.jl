println(sum(parse(Int, word) for line in eachline() for word in split(line)))
