from sqlalchemy import MetaData

from kernel.migrations import run

run(MetaData())
