"""Words as data: the language of sentences, paragraphs made of them, and the words file of each chapter."""
