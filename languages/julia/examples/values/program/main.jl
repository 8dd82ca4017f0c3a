total = 0
for number in 1:3
    total += number  # as at Julia's prompt, and unlike in a file, this is the one outside
end
println("line ", @__LINE__)
[total 1//2; 3 4.5]
