"""Data files: CSV and its kin, JSON, XML, Excel, Parquet, Avro, Arrow, packed or plain, alone or in a folder.

``read.read`` answers evidence; ``read.surveys`` what was measured; ``survey.values`` the rows themselves.
"""
