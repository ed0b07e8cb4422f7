"""The local user: the one whose desktop this is. A profile belongs to one person, so one name is enough."""

LOCAL_USER = "local"
