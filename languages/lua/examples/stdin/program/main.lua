local sum = 0
for number in io.read("a"):gmatch("%d+") do
    sum = sum + math.tointeger(number)
end
print(sum)
