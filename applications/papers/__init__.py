"""Papers (材料) as files: developed in a process of their own, scanned, sealed, watermarked.

Nothing here knows what a paper is for; `applications.materials` holds the verbs.
"""
