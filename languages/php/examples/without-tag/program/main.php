echo __LINE__, "\n";

echo __LINE__, "\n";

undefined();
