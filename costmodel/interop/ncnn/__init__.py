"""ncnn .param files: text, read without ncnn and without weights."""
