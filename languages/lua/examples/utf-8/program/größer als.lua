print("größer ≥ " .. utf8.char(0x6771, 0x4EAC) .. " 🙂")
io.write(#arg, ":")
for _, argument in ipairs(arg) do
    io.write(" [", argument, "]")
end
print()
