"""The worked examples as tables."""

from costmodel.report.textbook import list_examples, textbook_tables
from costmodel.textbook import DOCUMENTS, examples


def test_each_document_has_its_table_with_every_example() -> None:
    tables = textbook_tables(examples())
    assert len(tables) == len(DOCUMENTS)
    assert sum(len(table.rows) for table in tables) == len(examples())


def test_a_slip_is_explained_below_its_table() -> None:
    (table,) = (table for table in textbook_tables(examples()) if "002" in table.title)
    assert any(note.startswith("problem 2: total: 153730") for note in table.notes)


def test_the_record_has_every_example() -> None:
    record = list_examples(examples())
    assert len(record.examples) == len(examples())
    assert set(record.documents) == set(DOCUMENTS)
