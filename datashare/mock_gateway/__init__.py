"""模拟网关 the public-data gateway's protocol on loopback, over a city of invented people.

A process of its own that shares neither database nor code with the client, so that an agreement
between the two means something. `protocol` speaks HTTP, `interfaces` says how each source is
asked and in which shape it answers, `world` holds city, cast, events and faults, `city` makes the
people and `registers` the departments' rows about them.
"""
