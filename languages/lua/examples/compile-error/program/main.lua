print("never")
if then
