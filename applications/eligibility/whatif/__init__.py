"""What if a value moved (阈值试算): the rules that read it again, on columns of prepared facts.

``prepare`` lets the full engine judge a case and keeps in columns the facts that its rules turned
on; ``trial`` moves one value and runs again only the rules that read it, on all columns at once.
``movable`` names every value of a pack: movable, or why not. docs/adr/0014.
"""
