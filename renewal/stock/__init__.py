"""存量导入: the households that an older system had in force, from one workbook.

``file`` reads cells, ``check`` judges them against the file and the platform, ``take_in`` writes
households in chunks that may be killed anywhere, ``undo`` takes all of it back while it is unused.
"""
