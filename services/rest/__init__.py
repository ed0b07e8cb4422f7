"""The HTTP data API without HTTP: fields in, answers out, in the shapes of OpenAlgo's REST API."""
