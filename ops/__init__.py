"""Runs the platform on one machine: environment, servers, processes.

Standard library only: this package works with the system's python3 before any environment exists.
"""
